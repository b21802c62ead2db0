/**
 * Which app a request is for: by its path, or for the API by the header `menshen-app`. The id consists of digits;
 * otherwise there is no app.
 */
export function appIdOf(
	params: Partial<Record<string, string>>,
	headers: Pick<Headers, 'get'>,
): number | undefined {
	const named = params['app'] ?? headers.get('menshen-app') ?? '';
	return /^[1-9]\d{0,5}$/.test(named) ? Number(named) : undefined;
}
