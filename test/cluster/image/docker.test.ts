import { expect, it } from 'vitest';
import { dockerfile } from './docker.ts';
import { recipeSchema } from './recipe.ts';

it('a recipe in the words of a Dockerfile', () => {
  const recipe = recipeSchema.parse({
    name: 'airfield.local/app:1',
    base: 'node',
    files: [{ from: 'server.js', to: '/app/server.js', mode: '0644' }],
    env: { PORT: 8080 },
    cmd: ['node', '/app/server.js'],
    user: 1000,
    exposedPorts: [8080],
  });
  expect(dockerfile(recipe)).toBe(`FROM node:24-bookworm-slim
COPY --chmod=0644 ["0","/app/server.js"]
ENV PORT="8080"
WORKDIR /
USER 1000
EXPOSE 8080
ENTRYPOINT []
CMD ["node","/app/server.js"]
`);
});

it('programs of Debian packages', () => {
  const recipe = recipeSchema.parse({ name: 'airfield.local/gate:1', base: 'node', programs: ['haproxy'] });
  expect(dockerfile(recipe)).toContain(`FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends haproxy
`);
});
