/** The operator's test button: tries the saved settings, even of a plugin that is off. */
import { z } from 'zod';
import type { Locale } from '../../plugin-kit';
import type { SelfTest } from './app-plugins';
import { CallFailed } from './call';
import { breakerThatStaysClosed } from './circuit-breaker';
import { isConfigured } from './form';
import { runPlugin, type HostParts, type Prepared, type Preparer } from './prepare';

type Failure = Omit<Extract<SelfTest, { ok: false }>, 'ok' | 'ms'>;

/** Operators are told what end users are not: which host was refused, what the vendor said. */
function failureOf(error: unknown): Failure {
	if (!(error instanceof CallFailed)) throw error;
	const { egress, message: detail } = error;
	if (egress?.kind === 'refused')
		return { code: 'plugin/egress-refused', params: { host: egress.host }, detail };
	return { code: 'plugin/provider-unavailable', params: {}, detail };
}

async function tryOut(parts: HostParts, prepared: Prepared): Promise<Failure | undefined> {
	const faults = Object.keys(prepared.effective.problems).join(', ');
	if (!isConfigured(prepared.effective)) return { code: 'plugin/config-invalid', params: {}, detail: faults };
	const breaker = breakerThatStaysClosed(parts.clock);
	const name = `${prepared.entry.manifest.id}.selfTest`;
	return runPlugin(
		parts,
		{ ...prepared, breaker },
		{ name, run: (plugin, context) => plugin.selfTest?.(context), schema: z.undefined() },
	).catch(failureOf);
}

export function createSelfTest(parts: HostParts, preparer: Preparer) {
	return async (id: string, locale: Locale = 'en'): Promise<SelfTest> => {
		await parts.registry.refresh();
		const prepared = await preparer.judged(await preparer.one(preparer.entry(id), locale));
		const from = performance.now();
		const failure = await tryOut(parts, prepared);
		const ms = Math.round(performance.now() - from);
		return failure ? { ok: false, ms, ...failure } : { ok: true, ms };
	};
}
