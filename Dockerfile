# syntax=docker/dockerfile:1
# Airfield's one image: operator, gate and command line, with Node.js and HAProxy. For amd64 and arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 --sbom=true --provenance=true -t REGISTRY/airfield:TAG --push .
ARG NODE=24.21.0-bookworm-slim

# The bundles are the same for every platform, so they are made once, on that of the builder.
FROM --platform=$BUILDPLATFORM node:${NODE} AS bundles
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
# No program of a dependency runs: esbuild brings its own for each platform.
RUN npm ci --ignore-scripts
COPY build.ts tsconfig.json ./
COPY src ./src
RUN node build.ts /app

FROM node:${NODE}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends haproxy \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
COPY --from=bundles /app /app
LABEL org.opencontainers.image.title=airfield \
      org.opencontainers.image.licenses=Apache-2.0
WORKDIR /app
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["node", "/app/cli.js"]
