using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>The input of a run on its way through the chain: plugins get copies of its messages, the host goes by the messages themselves.</summary>
internal static class InputMessages
{
    /// <summary>The messages themselves.</summary>
    public static IReadOnlyList<ChatMessage> In(RunRequest request) => request.Input is CopyingList<ChatMessage> input ? input.Source : request.Input;

    /// <summary>An input for plugins.</summary>
    public static IReadOnlyList<ChatMessage> Protect(IReadOnlyList<ChatMessage> input) => new CopyingList<ChatMessage>(input, MessageCloner.Clone);

    /// <summary>A request whose input a plugin may have replaced.</summary>
    public static RunRequest Protect(RunRequest request) => request.Input is CopyingList<ChatMessage> ? request : request with { Input = Protect(request.Input) };
}
