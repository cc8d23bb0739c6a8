using System.Text.Json.Serialization;
using PluginHost.Sdk;

namespace PluginHost.Memory;

/// <summary>A remembered fact.</summary>
/// <param name="Id">Unique in the session and never reused.</param>
/// <param name="Text">The fact, one line.</param>
internal sealed record Fact(int Id, string Text)
{
    public override string ToString() => $"{Id}: {Text}";
}

/// <summary>The facts of a session, oldest first, as stored in session state. Immutable.</summary>
/// <param name="NextId">The id of the next fact.</param>
/// <param name="Items">The facts.</param>
internal sealed record FactList(int NextId, IReadOnlyList<Fact> Items)
{
    public static StateKey<FactList> Key { get; } = new("facts", FactJson.Default.FactList);

    public static FactList Empty { get; } = new(1, []);

    [JsonIgnore]
    public int Count => Items.Count;

    public static FactList Read(SessionState state) =>
        state.TryGet(Key, out var facts) ? facts : Empty;

    /// <summary>Changes the facts atomically and returns the result of the change.</summary>
    public static string Update(SessionState state, Func<FactList, (FactList Facts, string Result)> change)
    {
        var result = "";
        state.Update(Key, old =>
        {
            (var facts, result) = change(old ?? Empty);
            return facts;
        });
        return result;
    }

    /// <summary>Joins a text to one line, so that it cannot imitate several facts.</summary>
    public static string Normalize(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public Fact? Find(int id) => Items.FirstOrDefault(f => f.Id == id);

    public Fact? Find(string text) => Items.FirstOrDefault(f => string.Equals(f.Text, text, StringComparison.OrdinalIgnoreCase));

    public FactList Add(string text) => new(NextId + 1, [.. Items, new Fact(NextId, text)]);

    public FactList Remove(Fact fact) => this with { Items = [.. Items.Where(f => f != fact)] };

    public IEnumerable<Fact> Except(FactList other) => Items.Except(other.Items);

    /// <summary>Keeps the newest facts that the limits allow.</summary>
    public FactList ApplyLimits(MemoryOptions limits)
    {
        var (first, chars) = (Count, 0);
        while (first > 0 && Count - first < limits.MaxFacts && (chars += Items[first - 1].Text.Length) <= limits.MaxChars) first--;
        return first == 0 ? this : this with { Items = [.. Items.Skip(first)] };
    }

    public string Describe(string separator) => string.Join(separator, Items);
}

/// <summary>The JSON metadata of facts.</summary>
/// <remarks>Callers can edit session state, so invalid JSON must fail when it is read.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FactList))]
internal sealed partial class FactJson : JsonSerializerContext;
