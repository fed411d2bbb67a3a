/** The namespace that kubectl uses. Throws an Error with one line that says how to name it otherwise. */
export async function namespaceOfKubeConfig(context: string | undefined): Promise<string> {
  const { currentNamespace } = await import('../kube/auth.ts');
  try {
    return currentNamespace({ context });
  } catch (error) {
    throw new Error(`${(error as Error).message}; or name the namespace with --namespace`);
  }
}
