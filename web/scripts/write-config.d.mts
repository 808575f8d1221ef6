/** The configuration that an environment states, not yet judged. */
export function configFromEnvironment(environment: Record<string, string | undefined>): { apiUrl?: string; environment?: string };
