# The service with the wheel: spacy project run pack-service && docker build -t entities .
FROM python:3.12-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv
COPY requirements/serve.lock ./
# A wheel with a transformer needs more, and pip check says what: add it to the extra serve and make the lock anew
RUN pip install --no-cache-dir --require-hashes -r serve.lock
COPY packages/*.whl packages/serve.pyz ./
RUN pip install --no-cache-dir --no-deps *.whl && pip check && rm *.whl
USER 10001
EXPOSE 8080
# The package's name: docker build --build-arg MODEL=en_my_domain
ARG MODEL=en_event_scheduling
ENV SERVICE_MODEL=$MODEL
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["python", "serve.pyz", "--host=0.0.0.0", "--port=8080"]
