// One resource group: identity, bot resource with the Teams channel, Key Vault, PostgreSQL, container app, logs.
// Look before you deploy: az deployment group what-if -g GROUP -f main.bicep
// The bot does not use PostgreSQL yet: its SQLite file is lost with each revision, so it must not change the tenant here.
targetScope = 'resourceGroup'

@minLength(3)
@maxLength(16)
@description('Starts every name; lower case letters and digits.')
param name string = 'pinbot'

@description('Region of everything but the bot registration, which is global.')
param location string = resourceGroup().location

@description('Container image, best by digest.')
param image string

@description('Entra group whose members may ask.')
param adminGroupId string

@description('Entra group whose members may approve.')
param approverGroupId string

@secure()
@minLength(32)
@description('PINBOT_AUDIT_KEY: make it once (openssl rand -base64 48) and keep it; another key makes the old audit unreadable.')
param auditKey string

@description('Name and object id of the Entra user or group that administers the database.')
param databaseAdminName string
param databaseAdminId string

@description('PINBOT_HELP_DESK')
param helpDesk string = ''

var unique = uniqueString(resourceGroup().id)
var vaultName = take('${name}-${unique}', 24)
var tags = { app: 'pinbot' }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
  tags: tags
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

resource auditSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'audit-key'
  properties: {
    value: auditKey
  }
}

// Key Vault Secrets User, for this one vault
resource readSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, 'secrets-user')
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${unique}'
  location: location
  tags: tags
  sku: {
    name: 'Standard_B1ms'
    tier: 'Burstable'
  }
  properties: {
    version: '16'
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 14
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: 'Disabled'
    }
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: subscription().tenantId
    }
  }
}

// People, not the bot: the bot's own role is made with pgaadauth_create_principal
resource databaseAdmin 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: database
  name: databaseAdminId
  properties: {
    principalName: databaseAdminName
    principalType: 'Group'
    tenantId: subscription().tenantId
  }
}

resource pinbotDatabase 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: database
  name: 'pinbot'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

// 0.0.0.0 means "Azure services"; a private endpoint or VNet integration is better where there is a network
resource databaseFromAzure 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: database
  name: 'azure'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-environment'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  dependsOn: [
    readSecrets
  ]
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 3
      ingress: {
        external: true
        targetPort: 3978
        transport: 'http'
        allowInsecure: false
      }
      secrets: [
        {
          name: 'audit-key'
          keyVaultUrl: auditSecret.properties.secretUri
          identity: identity.id
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'pinbot'
          image: image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: [
            {
              name: 'MICROSOFT_APP_ID'
              value: identity.properties.clientId
            }
            {
              name: 'MICROSOFT_APP_TYPE'
              value: 'UserAssignedMSI'
            }
            {
              name: 'MICROSOFT_APP_TENANT_ID'
              value: subscription().tenantId
            }
            {
              name: 'PINBOT_READ_ONLY'
              value: '1'
            }
            {
              name: 'PINBOT_HOST'
              value: '0.0.0.0'
            }
            {
              // The bot keeps its requests in a file, which ends with the revision: here it helps and answers, and
              // changes nothing. The database above waits for a bot that can use it.
              name: 'PINBOT_READ_ONLY'
              value: '1'
            }
            {
              name: 'PINBOT_ADMIN_GROUP_ID'
              value: adminGroupId
            }
            {
              name: 'PINBOT_APPROVER_GROUP_ID'
              value: approverGroupId
            }
            {
              name: 'PINBOT_HELP_DESK'
              value: helpDesk
            }
            {
              name: 'PINBOT_AUDIT_KEY'
              secretRef: 'audit-key'
            }
          ]
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: 3978
              }
              periodSeconds: 2
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: 3978
              }
              periodSeconds: 10
            }
            {
              // Not /readyz: without Graph nobody would get even the help that needs none.
              type: 'Readiness'
              httpGet: {
                path: '/healthz'
                port: 3978
              }
              periodSeconds: 15
            }
          ]
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
    }
  }
}

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-${unique}'
  location: 'global'
  tags: tags
  kind: 'azurebot'
  sku: {
    name: 'F0'
  }
  properties: {
    displayName: 'PIN reset'
    description: 'Steps for a forgotten PIN, and the rollout of PIN reset'
    endpoint: 'https://${app.properties.configuration.ingress.fqdn}/api/messages'
    msaAppId: identity.properties.clientId
    msaAppType: 'UserAssignedMSI'
    msaAppTenantId: identity.properties.tenantId
    msaAppMSIResourceId: identity.id
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      isEnabled: true
      acceptedTerms: true
    }
  }
}

output botId string = identity.properties.clientId
output identityPrincipalId string = identity.properties.principalId
output endpoint string = bot.properties.endpoint
output databaseHost string = database.properties.fullyQualifiedDomainName
