/** A connector's reply as rows: the authority of its names comes from the manifest, never from the reply. */
import { tidyPersonName } from '../../../contract/person-name';
import type { ExternalSubject, Manifest } from '../../../plugin-kit';
import type { SubjectName } from '../../storage/app/identities';
import type { IdentityDraft } from '../register/make-account';

export function namesOf(manifest: Manifest, { subject, scope, also }: ExternalSubject): SubjectName[] {
	const authority = manifest.authority ?? manifest.id;
	const names = [{ subject, scope }, ...also];
	const isFirst = (name: SubjectName, index: number, all: readonly SubjectName[]) =>
		all.findIndex((each) => each.scope === name.scope && each.subject === name.subject) === index;
	return names.map((name) => ({ authority, ...name })).filter(isFirst);
}

export function identityDraftOf(manifest: Manifest, external: ExternalSubject): IdentityDraft {
	const { name = '', avatar = '' } = external.profile;
	return {
		connector: manifest.id,
		names: namesOf(manifest, external),
		name: tidyPersonName(name),
		avatar,
	};
}
