using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Memory.Facts;

namespace PluginHost.Memory.Tools;

/// <summary>Forgets a fact, with what it replaced.</summary>
internal sealed class ForgetTool(IFacts facts, MemoryMetrics metrics) : FactTool(
    "forget",
    "Forgets a remembered fact, for example because it is no longer true or the user asks for it.",
    Schema,
    facts,
    metrics)
{
    private static readonly JsonElement Schema = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": { "fact": { "type": "string", "description": "The number of the fact, for example 3, or its exact text." } },
          "required": ["fact"],
          "additionalProperties": false
        }
        """);

    protected override (FactList Facts, string Result) Apply(FactList current, string fact, AIFunctionArguments arguments) =>
        (FindNumber(current, fact) ?? current.Find(fact)) is { } found
            ? (current.Remove(found), $"Forgotten: {found}")
            : (current, Unknown(current, fact, "Nothing was forgotten."));
}
