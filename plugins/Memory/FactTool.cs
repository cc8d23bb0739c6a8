using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Memory;

/// <summary>A tool with one parameter, <c>fact</c>. It answers invalid input with a text. Thread-safe.</summary>
internal abstract class FactTool(string name, string description, string parameter) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        $$"""
        {
          "type": "object",
          "properties": { "fact": { "type": "string", "description": "{{parameter}}" } },
          "required": ["fact"],
          "additionalProperties": false
        }
        """);

    /// <summary>Changes the facts.</summary>
    /// <param name="facts">The current facts.</param>
    /// <param name="fact">The model's argument, one line, not empty.</param>
    /// <returns>The new facts, and the result for the model.</returns>
    protected abstract (FactList Facts, string Result) Apply(FactList facts, string fact);

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var fact = FactList.Normalize(ReadFact(arguments));
        return new(fact.Length == 0
            ? "'fact' must be a non-empty text. Nothing was changed."
            : FactList.Update(arguments.GetState(), facts => Apply(facts, fact)));
    }

    private static string ReadFact(AIFunctionArguments arguments) =>
        arguments.TryGetValue("fact", out var value)
            ? value switch
            {
                string text => text,
                // Models often send a number instead of a string that contains a number.
                JsonElement { ValueKind: JsonValueKind.String or JsonValueKind.Number } json => json.ToString(),
                int or long => FormattableString.Invariant($"{value}"),
                _ => "",
            }
            : "";
}

/// <summary>Remembers a fact.</summary>
internal sealed class RememberTool(MemoryOptions limits) : FactTool(
    "remember",
    "Remembers a fact for later in this session, such as a name, a preference or a decision. Remember only what matters later, one "
    + "fact per call. The oldest facts are dropped when the memory is full.",
    "The fact as one short sentence that is clear without context.")
{
    protected override (FactList Facts, string Result) Apply(FactList facts, string fact)
    {
        if (fact.Length > limits.MaxChars)
            return (facts, $"The fact has {fact.Length} characters, the maximum is {limits.MaxChars}. Nothing was remembered. Shorten the fact.");
        if (facts.Find(fact) is { } known) return (facts, $"Already remembered as fact {known.Id}.");

        var all = facts.Add(fact);
        var kept = all.ApplyLimits(limits);
        var dropped = all.Except(kept).ToList();
        var result = $"Remembered as fact {facts.NextId}.";
        return dropped.Count == 0
            ? (kept, result)
            : (kept, $"{result} The limits are {limits.MaxFacts} facts and {limits.MaxChars} characters. The oldest facts were dropped: {string.Join("; ", dropped)}");
    }
}

/// <summary>Forgets a fact.</summary>
internal sealed class ForgetTool() : FactTool(
    "forget",
    "Forgets a remembered fact, for example because it is no longer true or the user asks for it.",
    "The number of the fact, for example 3, or its exact text.")
{
    protected override (FactList Facts, string Result) Apply(FactList facts, string fact)
    {
        var found = int.TryParse(fact.TrimStart('#').TrimEnd('.', ':'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? facts.Find(id) : null;
        found ??= facts.Find(fact);
        if (found is not null) return (facts.Remove(found), $"Forgotten: {found}");
        return (facts, facts.Count == 0
            ? "There are no remembered facts. Nothing was forgotten."
            : $"There is no fact '{fact}'. Nothing was forgotten. The remembered facts are: {facts.Describe("; ")}");
    }
}
