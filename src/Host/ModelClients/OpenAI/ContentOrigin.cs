using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Identifies a server and its interface in stored contents, without its address. Reasoning and signatures go back only to the one that gave them.</summary>
internal sealed class ContentOrigin(OpenAIOptions options)
{
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Api} {options.Endpoint.TrimEnd('/')}")).AsSpan(0, 6));

    /// <summary>Whether a content may be sent to the server: it came from there, or from the caller.</summary>
    public bool Accepts(AIContent content) => WireContent.GetOrigin(content) is not { } origin || origin == Id;

    public T Mark<T>(T content)
        where T : AIContent => WireContent.WithOrigin(content, Id);
}
