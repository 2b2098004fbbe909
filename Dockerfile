# docker build -t mnist-demo . && docker run --rm -p 7860:7860 -v mnist-runs:/runs mnist-demo
FROM python:3.11-slim

# Where pip also looks for packages: the CPU build of PyTorch, in place of the default one with CUDA. See docs/serving.md.
ARG PIP_EXTRA_INDEX_URL

WORKDIR /source
COPY requirements.txt constraints.txt ./
# Apart from the code, which changes more often and takes less time.
RUN pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY . .
RUN pip install --no-cache-dir --no-deps . \
    && useradd --create-home visitor \
    && install --directory --owner visitor /runs

USER visitor
WORKDIR /home/visitor
VOLUME /runs
ENV GRADIO_SERVER_NAME=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/readyz')"]
ENTRYPOINT ["mnist-demo", "--runs-dir", "/runs"]
