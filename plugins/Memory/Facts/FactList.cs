using System.Text.Json.Serialization;

namespace PluginHost.Memory.Facts;

/// <summary>The facts of an owner, oldest first. Immutable.</summary>
/// <param name="NextId">The id of the next fact.</param>
/// <param name="Items">The facts.</param>
internal sealed record FactList(int NextId, IReadOnlyList<Fact> Items)
{
    public static FactList Empty { get; } = new(1, []);

    [JsonIgnore]
    public int Count => Items.Count;

    /// <summary>Joins a text to one line, so that it cannot imitate several facts.</summary>
    public static string Normalize(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public Fact? Find(int id) => Items.FirstOrDefault(f => f.Id == id);

    public Fact? Find(string text) => Items.FirstOrDefault(f => string.Equals(f.Text, text, StringComparison.OrdinalIgnoreCase));

    public FactList Add(string text, Provenance from) => new(NextId + 1, [.. Items, new Fact(NextId, text, from)]);

    public FactList Remove(Fact fact) => this with { Items = [.. Items.Where(f => f.Id != fact.Id)] };

    /// <summary>Makes one fact the history of another.</summary>
    public FactList Replace(Fact old, Fact current)
    {
        var with = current with { Earlier = [.. current.Earlier ?? [], .. old.Earlier ?? [], new EarlierFact(old.Id, old.Text, old.From)] };
        return this with { Items = [.. Items.Where(f => f.Id != old.Id).Select(f => f.Id == current.Id ? with : f)] };
    }

    public IEnumerable<Fact> Except(FactList other) => Items.ExceptBy(other.Items.Select(f => f.Id), f => f.Id);

    /// <summary>Keeps the newest facts that the limits allow.</summary>
    public FactList Limit(int maxFacts, int maxChars)
    {
        var (first, chars) = (Count, 0L);
        while (first > 0 && Count - first < maxFacts && (chars += Items[first - 1].Text.Length) <= maxChars) first--;
        return first == 0 ? this : this with { Items = [.. Items.Skip(first)] };
    }

    /// <summary>Keeps of the earlier texts the last ones that have this many characters together, of the newest facts first.</summary>
    public FactList LimitEarlier(int maxChars)
    {
        var items = new Fact[Count];
        var chars = 0L;
        for (var i = Count - 1; i >= 0; i--)
        {
            var earlier = (Items[i].Earlier ?? []).Reverse().TakeWhile(e => (chars += e.Text.Length) <= maxChars).Reverse().ToList();
            items[i] = earlier.Count == (Items[i].Earlier?.Count ?? 0) ? Items[i] : Items[i] with { Earlier = earlier.Count == 0 ? null : earlier };
        }

        return this with { Items = items };
    }

    public string Describe(string separator) => string.Join(separator, Items);
}

/// <summary>The JSON metadata of facts.</summary>
/// <remarks>Callers can edit session state, so invalid JSON must fail when it is read.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FactList))]
internal sealed partial class FactJson : JsonSerializerContext;
