namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>Issues tokens. Called by <see cref="TokenCache"/>, once at a time.</summary>
internal interface ITokenSource
{
    /// <summary>Whose tokens these are, for messages.</summary>
    string Name { get; }

    /// <exception cref="TokenException">There is none.</exception>
    Task<IssuedToken> IssueAsync(CancellationToken cancellationToken);
}

/// <summary>A token. Not a record, whose text would have the secret.</summary>
internal sealed class IssuedToken(string value, DateTimeOffset expiresAt, DateTimeOffset? renewAt)
{
    public string Value { get; } = value;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>When its issuer recommends a new one; null when it does not say.</summary>
    public DateTimeOffset? RenewAt { get; } = renewAt;
}

/// <summary>There is no token.</summary>
/// <param name="isPassing">Whether the service that issues tokens is unreachable, so that a later attempt may succeed.</param>
/// <param name="message">Cause and cure for the operator, without secrets.</param>
/// <param name="inner">The cause.</param>
internal sealed class TokenException(bool isPassing, string message, Exception? inner = null) : Exception(message, inner)
{
    public bool IsPassing { get; } = isPassing;
}
