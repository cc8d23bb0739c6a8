using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>Whether messages may be left out of a run's requests. A caller who holds the conversation, or forbids it, finds nothing left out.</summary>
internal static class CutRule
{
    private const string Parameter = "truncation";

    public static bool Allows(RunCommand command, ChatOptions? options) => SentParameters.Find(options)?.Values.GetValueOrDefault(Parameter) switch
    {
        { ValueKind: JsonValueKind.String } asked => !asked.ValueEquals("disabled"),
        _ => !command.Stateless,
    };
}
