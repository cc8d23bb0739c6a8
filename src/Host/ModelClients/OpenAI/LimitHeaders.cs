using System.Net.Http.Headers;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Reads what a server says of its limits. A server cannot make the headers of the host's answers large.</summary>
internal static class LimitHeaders
{
    private const string Prefix = "x-ratelimit-";
    private const int MaxHeaders = 16;
    private const int MaxLength = 64;

    /// <returns>Null when the server says nothing.</returns>
    public static ModelLimits? Read(HttpResponseHeaders headers)
    {
        List<KeyValuePair<string, string>>? found = null;
        foreach (var (name, values) in headers.NonValidated)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || name.Length > MaxLength) continue;
            var value = values.ToString();
            if (value.Length is 0 or > MaxLength || !value.All(static c => c is >= ' ' and <= '~')) continue;
            (found ??= []).Add(new(name.ToLowerInvariant(), value));
            if (found.Count == MaxHeaders) break;
        }

        return found is null ? null : new ModelLimits(found);
    }
}
