#!/usr/bin/env bash
# Grants exactly the Microsoft Graph application permissions of the chosen sets to the bot's identity. It first shows what
# it would grant; with --yes it does it. Safe to run again: what is there already is left alone.
#   ./grant.sh APP_ID [SET]... [--yes]      sets: read (always), exact, write, install, create-apps
# APP_ID: client id of the app registration or of the user-assigned managed identity; both have a service principal.
# Who runs it: a Privileged Role Administrator, signed in by: az login --tenant TENANT
set -euo pipefail
here=$(dirname "$0")
app_id=${1:?client id of the bot}; shift
chosen=" read " yes=
for word in "$@"; do
    case $word in
        --yes) yes=1 ;;
        read | exact | write | install | create-apps) chosen+="$word " ;;
        *) echo "There is no set $word; the sets are read, exact, write, install, create-apps." >&2; exit 2 ;;
    esac
done
[[ $app_id =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]] || { echo "APP_ID must be a GUID." >&2; exit 2; }

graph=https://graph.microsoft.com/v1.0
resource=$(az rest --url "$graph/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?\$select=id" --query id -o tsv)
principal=$(az rest --url "$graph/servicePrincipals(appId='$app_id')?\$select=id" --query id -o tsv)
have=$(az rest --url "$graph/servicePrincipals/$principal/appRoleAssignments?\$top=999" --query "value[].appRoleId" -o tsv)

missing=()
while IFS=$'\t' read -r set id name what _; do
    [[ $chosen == *" $set "* ]] || continue
    if grep -qi "$id" <<<"$have"; then
        echo "has      $name"
    else
        echo "missing  $name: $what"
        missing+=("$id $name")
    fi
done < <(tail -n +2 "$here/../../bot/check/permissions.tsv")

if [ ${#missing[@]} -eq 0 ]; then echo "Nothing to grant."; exit 0; fi
if [ -z "$yes" ]; then echo "Nothing was granted yet. Run it again with --yes to grant what is missing."; exit 0; fi
for one in "${missing[@]}"; do
    read -r id name <<<"$one"
    az rest --method POST --url "$graph/servicePrincipals/$principal/appRoleAssignments" \
        --headers 'Content-Type=application/json' -o none \
        --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$id\"}"
    echo "granted  $name"
done
echo "A token that was fetched before does not hold them: restart the bot. Managed identities keep theirs up to 24 hours."
