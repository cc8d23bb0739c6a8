using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that keeps data of users beyond sessions (facts, counters, preferences). An operator can then read what is kept of a
/// user, and delete it. What belongs to one session is <see cref="ISessionCleanup"/>'s.
/// </summary>
public interface IUserData
{
    /// <summary>
    /// Returns all that the plugin keeps of a user, for an operator who answers that user's question. Include what an instance with other
    /// options has left in the same place. Called concurrently with all other methods. The host reports an exception to the caller.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>One JSON value for each item that <see cref="DeleteUserDataAsync"/> would remove; empty for an unknown user.</returns>
    ValueTask<IReadOnlyList<JsonElement>> ReadUserDataAsync(UserKey user, CancellationToken cancellationToken);

    /// <summary>
    /// Removes all that the plugin keeps of a user. Called after the user's runs in progress on this host were cancelled and have ended.
    /// Idempotent: an unknown user is not an error. The host reports an exception to the caller, who may retry.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>The number of removed items.</returns>
    ValueTask<int> DeleteUserDataAsync(UserKey user, CancellationToken cancellationToken);
}

/// <summary>Identifies a user. Both parts are untrusted input: never use them as a path or in the text of a query.</summary>
/// <param name="Tenant">The tenant whose callers name the user; <c>default</c> on a host without tenants. Users of different tenants may have the same name.</param>
/// <param name="Name">The name as callers give it (<see cref="RunRequest.User"/>), 1 to 512 characters, compared by ordinal.</param>
public readonly record struct UserKey(string Tenant, string Name);
