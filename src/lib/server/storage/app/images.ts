/** Logos and avatars, kept in the app's database so that an app is one file. */
import type { Kysely } from 'kysely';
import type { AppSchema } from './schema';

export interface Image {
	/** SHA-256 of the bytes, hex. */
	id: string;
	mime: string;
	bytes: Buffer;
}

export function imageRepository(db: Kysely<AppSchema>) {
	return {
		async find(id: string): Promise<Image | undefined> {
			return db.selectFrom('image').select(['id', 'mime', 'bytes']).where('id', '=', id).executeTakeFirst();
		},
		async save(image: Image, now: number): Promise<void> {
			await db
				.insertInto('image')
				.values({ ...image, created_at: now })
				.onConflict((conflict) => conflict.column('id').doNothing())
				.execute();
		},
	};
}
