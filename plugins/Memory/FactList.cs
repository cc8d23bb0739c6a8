using System.Text.Json.Serialization;
using PluginHost.Sdk;

namespace PluginHost.Memory;

/// <summary>A remembered fact.</summary>
/// <param name="Id">Given once and never again in the session, so it stays right while other facts come and go.</param>
/// <param name="Text">One line.</param>
internal sealed record Fact(int Id, string Text)
{
    public override string ToString() => $"{Id}: {Text}";
}

/// <summary>The facts of a session, oldest first, as they are in session state. Immutable.</summary>
/// <param name="NextId">The id of the next fact.</param>
/// <param name="Items">The facts.</param>
internal sealed record FactList(int NextId, IReadOnlyList<Fact> Items)
{
    public const string Key = "facts";

    public static FactList Empty { get; } = new(1, []);

    [JsonIgnore]
    public int Count => Items.Count;

    public static FactList Read(IReadOnlySessionState state) =>
        state.TryGet(Key, FactJson.Default.FactList, out var facts) ? facts : Empty;

    /// <summary>Changes the facts while nobody else can, and returns what the change says about it.</summary>
    public static string Update(SessionState state, Func<FactList, (FactList Facts, string Result)> change)
    {
        var result = "";
        state.Update(Key, FactJson.Default.FactList, old =>
        {
            (var facts, result) = change(old ?? Empty);
            return facts;
        });
        return result;
    }

    /// <summary>A fact as it is stored: one line, so that it cannot pretend to be several.</summary>
    public static string Normalize(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public Fact? Find(int id) => Items.FirstOrDefault(f => f.Id == id);

    public Fact? Find(string text) => Items.FirstOrDefault(f => string.Equals(f.Text, text, StringComparison.OrdinalIgnoreCase));

    public FactList Add(string text) => new(NextId + 1, [.. Items, new Fact(NextId, text)]);

    public FactList Without(Fact fact) => this with { Items = [.. Items.Where(f => f != fact)] };

    public IEnumerable<Fact> Except(FactList other) => Items.Except(other.Items);

    /// <summary>The newest facts that the limits allow.</summary>
    public FactList Within(MemoryOptions limits)
    {
        var (first, chars) = (Count, 0);
        while (first > 0 && Count - first < limits.MaxFacts && (chars += Items[first - 1].Text.Length) <= limits.MaxChars) first--;
        return first == 0 ? this : this with { Items = [.. Items.Skip(first)] };
    }

    public string Describe(string separator) => string.Join(separator, Items);
}

/// <summary>How facts are written as JSON.</summary>
/// <remarks>State can be edited from outside: what does not fit is refused when it is read, not somewhere later.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FactList))]
internal sealed partial class FactJson : JsonSerializerContext;
