#!/bin/sh
# Dumps the database straight into object storage, under the time at which it began. Nothing is kept on disk.
set -eu
# Without it a dump that breaks off would count as done, because the upload of its beginning went well.
set -o pipefail

name="$FLY_APP_NAME/$(date -u +%Y-%m-%dT%H%MZ).dump"
pg_dump --format=custom --no-owner "$DATABASE_URL" | aws s3 cp - "s3://$BACKUP_BUCKET/$name"

# What cannot be listed cannot be restored.
echo "s3://$BACKUP_BUCKET/$name: $(aws s3api head-object --bucket "$BACKUP_BUCKET" --key "$name" --query ContentLength) bytes"
