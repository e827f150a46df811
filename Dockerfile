# The service of docker-compose.yml; the lab and the studies run on the host.
FROM python:3.13-slim
WORKDIR /app

# The packages first, since they change less often than the code does.
COPY LICENSE README.md pyproject.toml requirements.lock ./
COPY tools/setup.py tools/
COPY perfstudy/__init__.py perfstudy/
RUN UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 python tools/setup.py

COPY perfstudy perfstudy
COPY data/seeds data/seeds

USER nobody
EXPOSE 8000
