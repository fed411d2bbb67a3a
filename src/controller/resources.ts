import { apiVersion } from '../api/meta.ts';
import type { Resource } from '../kube/resources.ts';

/** Where Airfield's own kinds live in the API. */
export const apps: Resource = Object.freeze({ apiVersion, kind: 'App', plural: 'apps', namespaced: true });
