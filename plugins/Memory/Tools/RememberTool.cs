using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Memory.Facts;

namespace PluginHost.Memory.Tools;

/// <summary>Remembers a fact, instead of an earlier one when the model says so.</summary>
/// <param name="facts">The facts of the run.</param>
/// <param name="options">The limits.</param>
/// <param name="provenance">Where the run learns a fact.</param>
/// <param name="metrics">Counts what changes.</param>
internal sealed class RememberTool(IFacts facts, MemoryOptions options, Func<Provenance> provenance, MemoryMetrics metrics) : FactTool(
    "remember",
    $"Remembers a fact {facts.Text.Purpose}, such as a name, a preference or a decision. Remember only what matters later, one "
    + "fact per call. When a fact changes, give the number of the old one in 'replaces'. The oldest facts are dropped when the memory is full.",
    Schema,
    facts,
    metrics)
{
    private static readonly JsonElement Schema = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": {
            "fact": { "type": "string", "description": "The fact as one short sentence that is clear without context." },
            "replaces": { "type": "integer", "description": "The number of the remembered fact that this one replaces, because it is no longer true." }
          },
          "required": ["fact"],
          "additionalProperties": false
        }
        """);

    private readonly IFacts _facts = facts;

    protected override (FactList Facts, string Result) Apply(FactList current, string fact, AIFunctionArguments arguments)
    {
        if (fact.Length > options.MaxChars)
            return (current, $"The fact has {fact.Length} characters, the maximum is {options.MaxChars}. Nothing was remembered. Shorten the fact.");
        var replaces = Read(arguments, "replaces").Trim();
        var old = FindNumber(current, replaces);
        if (current.Find(fact) is { } known) return Keep(current, known, old);
        // Models send 0 or an empty text for an argument that they leave out.
        if (old is null && replaces is not ("" or "0")) return (current, Unknown(current, replaces, "Nothing was remembered."));
        return Add(current, fact, old);
    }

    private static (FactList Facts, string Result) Keep(FactList current, Fact known, Fact? old) => old is null || old.Id == known.Id
        ? (current, $"Already remembered as fact {known.Id}.")
        : (current.Replace(old, known), $"Already remembered as fact {known.Id}, which now replaces fact {old.Id}.");

    private (FactList Facts, string Result) Add(FactList current, string fact, Fact? old)
    {
        var all = current.Add(fact, provenance());
        var result = $"Remembered as fact {current.NextId}.";
        if (old is not null)
        {
            all = all.Replace(old, all.Items[^1]);
            result = $"Remembered as fact {current.NextId}, which replaces fact {old.Id}.";
        }

        var kept = all.Limit(options.MaxFacts, _facts.MaxChars);
        var dropped = all.Except(kept).ToList();
        kept = kept.LimitEarlier(options.MaxChars);
        if (dropped.Count == 0) return (kept, result);
        var limits = _facts.MaxChars == int.MaxValue ? $"limit is {options.MaxFacts} facts" : $"limits are {options.MaxFacts} facts and {options.MaxChars} characters";
        return (kept, $"{result} The {limits}. The oldest facts were dropped: {List(all with { Items = dropped })}");
    }
}
