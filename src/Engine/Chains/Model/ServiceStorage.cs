
namespace PluginHost.Engine.Chains.Model;

/// <summary>The property by which a chat client learns that the service behind it must not keep the conversation (<c>ServiceSession: off</c>, or a run that leaves nothing behind).</summary>
internal static class ServiceStorage
{
    /// <summary>
    /// The key in <see cref="Microsoft.Extensions.AI.ChatOptions.AdditionalProperties"/>; its value is then <see langword="false"/>.
    /// A client whose service stores unless asked not to has to pass it on in the service's own way.
    /// </summary>
    public const string Property = "store";
}
