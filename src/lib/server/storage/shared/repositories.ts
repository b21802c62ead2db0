import type { Kysely } from 'kysely';
import { auditRepository } from './audit';
import { dataKeyRepository } from './data-keys';
import { messageRepository } from './messages';
import { pluginRepository } from './plugins';
import { rateLimitRepository } from './rate-limits';
import type { SharedSchema } from './schema';
import { sessionRepository } from './sessions';
import { settingRepository } from './settings';
import { verificationRepository } from './verifications';

export function sharedRepositories(db: Kysely<SharedSchema>) {
	return {
		audit: auditRepository(db),
		dataKeys: dataKeyRepository(db),
		messages: messageRepository(db),
		plugins: pluginRepository(db),
		rateLimits: rateLimitRepository(db),
		sessions: sessionRepository(db),
		settings: settingRepository(db),
		verifications: verificationRepository(db),
	};
}

export type SharedRepositories = ReturnType<typeof sharedRepositories>;
