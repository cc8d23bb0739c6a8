using PluginHost.Engine.Chains;
using PluginHost.Http.Binding;

namespace PluginHost.Http;

/// <summary>The header that names the session of a request whose interface has no place for it.</summary>
internal static class SessionHeader
{
    /// <summary>The host's own name: other programs send <c>X-Session-Id</c> for their own ends.</summary>
    public const string Name = "PluginHost-Session";

    /// <param name="context">The request.</param>
    /// <param name="agent">The agent's name in the request; null for the only one. Its configuration may add another header.</param>
    /// <param name="errors">Collects.</param>
    /// <returns>The session; null when the request names none, or a wrong one, which is reported.</returns>
    public static string? Read(HttpContext context, string? agent, InputErrors errors)
    {
        var agents = context.Service<ChainHolder>().Current;
        var chain = agent is null ? agents.Chains[0] : agents.Find(agent);
        foreach (var name in (ReadOnlySpan<string?>)[Name, chain?.Agent.SessionHeader])
        {
            if (name is not null && context.Request.Headers[name] is { Count: > 0 } header) return errors.CheckId(header.ToString(), name);
        }

        return null;
    }
}
