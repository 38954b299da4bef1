# One image for every role: gateway, an agency (`--agency moi`), the authorization server. Never run here: no container engine on the machine it was written on.
FROM node:24-bookworm-slim AS build
WORKDIR /hub
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node build.mjs && npm prune --omit=dev

FROM node:24-bookworm-slim
WORKDIR /hub
ENV NODE_ENV=production
COPY --from=build --chown=node:node /hub /hub
# A new volume takes its owner from here; one for audit heads that root owns could not be written.
RUN mkdir /heads && chown node:node /heads
USER node
EXPOSE 4000
CMD ["node", "dist/gateway/main.js", "--production"]
