using System.Globalization;
using Microsoft.Net.Http.Headers;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Sdk;

namespace PluginHost.Http.Binding;

/// <summary>The versions of a session that a caller is willing to change.</summary>
internal sealed class IfMatch
{
    private readonly HashSet<long> _versions;

    private IfMatch(HashSet<long> versions) => _versions = versions;

    /// <returns>Null for any version: no header, or <c>*</c>.</returns>
    public static IfMatch? Read(HttpRequest request, InputErrors errors)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0) return null;
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags) || tags.Count == 0)
        {
            errors.Add("If-Match", "The header is not a list of entity tags.", "the ETag of the session, for example \"3\", or *");
            return null;
        }

        if (tags.Contains(EntityTagHeaderValue.Any)) return null;
        // A weak tag, or one that is not a version, is well-formed and matches no session.
        return new IfMatch([.. tags.Where(t => !t.IsWeak).Select(VersionOf).OfType<long>()]);
    }

    /// <summary>The version that the change requires.</summary>
    /// <exception cref="ProblemException">412 when no version matches the session's; or 404.</exception>
    public async ValueTask<long?> ChooseAsync(SessionService sessions, SessionKey key, CancellationToken cancellationToken)
    {
        if (_versions.Count == 1) return _versions.First();
        var session = await sessions.GetAsync(key, cancellationToken);
        return _versions.Contains(session.Version)
            ? session.Version
            : throw new ProblemException(ProblemTypes.VersionMismatch, $"The session has the version {session.Version}, which If-Match does not name.");
    }

    private static long? VersionOf(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
