import { gql, type TypedDocumentNode } from '@apollo/client';
import type {
  AccessLogQuery,
  AccessLogQueryVariables,
  ConsentsQuery,
  ConsentsQueryVariables,
  NarrowConsentMutation,
  NarrowConsentMutationVariables,
  WithdrawConsentMutation,
  WithdrawConsentMutationVariables,
} from './generated/operations.ts';

const CONSENT = gql`
  fragment ConsentCard on Consent {
    id
    version
    state
    provider {
      id
      name {
        zh
        en
      }
    }
    service {
      id
      name {
        zh
        en
      }
    }
    purpose {
      code
      pdpa
      text {
        zh
        en
      }
    }
    mode
    grantedAt
    notAfter
    uses
    maxUses
    statements {
      kind
      method
      assurance
      datasets {
        id
        name {
          zh
          en
        }
        fields {
          path
          label {
            zh
            en
          }
        }
      }
    }
    history {
      kind
      version
      at
    }
    receipt
  }
`;

export const CONSENTS: TypedDocumentNode<ConsentsQuery, ConsentsQueryVariables> = gql`
  query Consents($after: String) {
    consents(first: 20, after: $after) {
      consents {
        ...ConsentCard
      }
      endCursor
    }
  }
  ${CONSENT}
`;

export const WITHDRAW: TypedDocumentNode<WithdrawConsentMutation, WithdrawConsentMutationVariables> = gql`
  mutation WithdrawConsent($id: ID!) {
    withdrawConsent(id: $id) {
      ...ConsentCard
    }
  }
  ${CONSENT}
`;

export const NARROW: TypedDocumentNode<NarrowConsentMutation, NarrowConsentMutationVariables> = gql`
  mutation NarrowConsent($id: ID!, $drop: [FieldsInput!]!) {
    narrowConsent(id: $id, drop: $drop) {
      ...ConsentCard
    }
  }
  ${CONSENT}
`;

export const ACCESS_LOG: TypedDocumentNode<AccessLogQuery, AccessLogQueryVariables> = gql`
  query AccessLog($after: String) {
    accessLog(first: 50, after: $after) {
      entries {
        id
        at
        kind
        provider {
          id
          name {
            zh
            en
          }
        }
        service {
          id
          name {
            zh
            en
          }
        }
        consent
        permitted {
          id
          name {
            zh
            en
          }
          fields {
            path
            label {
              zh
              en
            }
          }
        }
        refused {
          dataset {
            id
            name {
              zh
              en
            }
            fields {
              path
              label {
                zh
                en
              }
            }
          }
          reason
        }
        count
        counts {
          dataset
          records
        }
        failedAgencies
        event
        method
        outcome
        agency
        predicate
      }
      endCursor
    }
  }
`;
