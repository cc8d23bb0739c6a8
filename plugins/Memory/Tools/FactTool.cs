using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Memory.Facts;
using PluginHost.Sdk;

namespace PluginHost.Memory.Tools;

/// <summary>A tool that changes the facts of a run. It answers invalid input with a text. Thread-safe.</summary>
internal abstract class FactTool(string name, string description, JsonElement schema, IFacts facts, MemoryMetrics metrics) : AIFunction
{
    private const int MaxListedChars = 4000;

    // A call that is made again finds its fact remembered or forgotten.
    private static readonly Dictionary<string, object?> Properties = new() { [RepeatableToolAttribute.Property] = true };

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => Properties;

    /// <summary>Changes the facts.</summary>
    /// <param name="current">The current facts.</param>
    /// <param name="fact">The model's argument, one line, not empty.</param>
    /// <param name="arguments">All arguments.</param>
    /// <returns>The new facts, and the result for the model.</returns>
    protected abstract (FactList Facts, string Result) Apply(FactList current, string fact, AIFunctionArguments arguments);

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var fact = FactList.Normalize(Read(arguments, "fact"));
        if (fact.Length == 0) return new("'fact' must be a non-empty text. Nothing was changed.");
        try
        {
            var (before, after) = (FactList.Empty, FactList.Empty);
            var answer = facts.Update(current =>
            {
                // While the call waited for the file, its run may have been cancelled and its user deleted.
                cancellationToken.ThrowIfCancellationRequested();
                (after, var result) = Apply(before = current, fact, arguments);
                return (after, result);
            });
            metrics.Count(facts.Scope, before, after);
            return new(answer);
        }
        catch (StorageException e)
        {
            // The run continues, and the host counts a call that failed.
            return new(new FunctionResultContent(callId: "", "The memory cannot be used now. Nothing was changed.") { Exception = e });
        }
    }

    /// <summary>An argument as text; empty when it is missing or of another type.</summary>
    protected static string Read(AIFunctionArguments arguments, string name) =>
        arguments.TryGetValue(name, out var value)
            ? value switch
            {
                string text => text,
                // Models often send a number instead of a string that contains a number.
                JsonElement { ValueKind: JsonValueKind.String or JsonValueKind.Number } json => json.ToString(),
                int or long => FormattableString.Invariant($"{value}"),
                _ => "",
            }
            : "";

    /// <summary>The fact with a number as models write it, for example <c>3</c> or <c>#3.</c>; null when there is none.</summary>
    protected static Fact? FindNumber(FactList facts, string text) =>
        int.TryParse(text.TrimStart('#').TrimEnd('.', ':'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? facts.Find(id) : null;

    protected static string Unknown(FactList facts, string fact, string outcome) => facts.Count == 0
        ? $"There are no remembered facts. {outcome}"
        : $"There is no fact '{Shorten(fact)}'. {outcome} The remembered facts are: {List(facts)}";

    /// <summary>The newest of some facts for a result: the model reads it, and the history keeps it.</summary>
    protected static string List(FactList facts)
    {
        var listed = facts.Limit(int.MaxValue, MaxListedChars);
        return listed.Count == facts.Count ? facts.Describe("; ") : $"{listed.Describe("; ")} (and {facts.Count - listed.Count} older ones)";
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : $"{text[..200]}…";
}
