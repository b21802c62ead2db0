/** Passkeys: discoverable WebAuthn credentials. The host ensures that each challenge is answered once. */
import { definePlugin, PluginFailure, type CeremonyVerdict, type PluginContext } from '@menshen/plugin-kit';
import { configSchema, type Config } from './ceremony';
import { enrolOptions, verifyEnrolment } from './enrol';
import manifest from './manifest.json';
import { proveOptions, verifyProof } from './prove';
import { keptSchema, parseText } from './replies';

/** An answer with any fault proves nothing. The operator finds the reason in the log. */
function refused(error: unknown, { log }: Pick<PluginContext, 'log'>): CeremonyVerdict {
	if (error instanceof PluginFailure) throw error;
	log.info('a passkey was not accepted', { why: error instanceof Error ? error.message.slice(0, 200) : '' });
	return { ok: false };
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	ceremony: {
		options: (input, { config }) =>
			input.purpose === 'enrol' ? enrolOptions(input, config) : proveOptions(input, config),
		async verify(input, { config, log }) {
			const kept = parseText(keptSchema, input.kept);
			// An answer to one ceremony is invalid for the other.
			if (kept?.purpose !== input.purpose) return refused(new Error('asked for something else'), { log });
			const verify = input.purpose === 'enrol' ? verifyEnrolment : verifyProof;
			return verify(input, kept.challenge, config).catch((error: unknown) => refused(error, { log }));
		},
	},
});
