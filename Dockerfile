# Builds with all tools, runs with what the server alone needs, as an ordinary user.
FROM node:24-slim AS build
WORKDIR /parlor
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/server/package.json packages/server/
COPY packages/client/package.json packages/client/
COPY packages/web/package.json packages/web/
RUN npm ci --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs server web

FROM node:24-slim AS packages
WORKDIR /parlor
COPY package.json package-lock.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/server/package.json packages/server/
COPY packages/client/package.json packages/client/
COPY packages/web/package.json packages/web/
RUN npm ci --omit=dev --workspace=@parlor/server --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production PORT=8000
WORKDIR /parlor
COPY --from=packages /parlor/ ./
COPY --from=build /parlor/packages/server/dist packages/server/dist
COPY --from=build /parlor/packages/web/dist packages/web/dist
COPY --from=build /parlor/scripts scripts
# A link and not DATA_DIR: on Railway an unset DATA_DIR means the volume, wherever it is mounted.
RUN mkdir /data && chown node:node /data && ln -s /data data
USER node
EXPOSE 8000
# The data is in /data: mount a volume there (docker run -v parlor:/data). There is no VOLUME line, since
# Railway refuses files that have one, and without it nobody gets a nameless volume that is lost unnoticed.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "packages/server/dist/main.js"]
