using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Answers;

/// <summary>Gathers the pieces of one call.</summary>
/// <param name="id">The id of the call.</param>
/// <param name="name">The name of the tool.</param>
/// <param name="whole">The arguments, when they came whole.</param>
internal sealed class CallReader(string id, string name, JsonElement? whole)
{
    private readonly StringBuilder _pieces = new();

    public void Add(string? piece) => _pieces.Append(piece);

    /// <summary>The call. If its arguments were cut off, it has an exception, and the host does not run it.</summary>
    /// <param name="isCut">Whether the answer was cut off behind the call.</param>
    public FunctionCallContent ToContent(bool isCut) => _pieces.Length == 0 && (!isCut || HasWhole)
        ? new FunctionCallContent(id, name, whole is { ValueKind: JsonValueKind.Object } values ? Read(values) : null)
        : FunctionCallContent.CreateFromParsedArguments(_pieces.ToString(), id, name, static text => Read(JsonElement.Parse(text)));

    /// <summary>The start of a call whose pieces follow has an empty object.</summary>
    private bool HasWhole => whole is { ValueKind: JsonValueKind.Object } values && values.GetPropertyCount() > 0;

    private static Dictionary<string, object?> Read(JsonElement values) =>
        values.EnumerateObject().ToDictionary(static p => p.Name, static p => (object?)p.Value.Clone(), StringComparer.Ordinal);
}
