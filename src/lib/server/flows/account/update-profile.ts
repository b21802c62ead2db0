import { z } from 'zod';
import { personNameSchema } from '../../../contract/person-name';
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';

/** What people may change of themselves. Nothing else is taken, whatever a request carries. */
export const profileSchema = z.strictObject({
	name: personNameSchema.optional(),
	locale: z.enum(['en', 'zh-CN']).optional(),
});
export type ProfileChange = z.output<typeof profileSchema>;

/** @throws Refusal user/not-found, input/invalid */
export async function updateProfile(
	services: Pick<AppServices, 'store' | 'clock'>,
	{ userId, change }: { userId: string; change: ProfileChange },
	visitor: Visitor,
): Promise<User> {
	const parsed = profileSchema.safeParse(change);
	if (!parsed.success)
		throw new Refusal('input/invalid', {
			fields: { [String(parsed.error.issues[0]?.path[0] ?? 'name')]: 'input/invalid' },
		});
	return services.store.write(async (tx) => {
		const { name, locale } = parsed.data;
		const changed = await tx.users.update(userId, {
			...(name === undefined ? {} : { name, nameKey: keyOf(name) }),
			...(locale === undefined ? {} : { locale }),
			updatedAt: services.clock.now(),
		});
		const user = changed ? await tx.users.findById(userId) : undefined;
		if (!user) throw new Refusal('user/not-found');
		await recordEvent(
			tx,
			{
				action: 'user.update',
				actor: { kind: 'user', id: userId },
				target: `user:${userId}`,
				detail: { fields: Object.keys(change) },
			},
			{ clock: services.clock, visitor },
		);
		return user;
	});
}
