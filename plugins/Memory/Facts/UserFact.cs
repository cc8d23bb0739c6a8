using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Memory.Facts;

/// <summary>A fact as an operator reads it who asks what is kept of a user.</summary>
/// <param name="Entry">The entry of the chain.</param>
/// <param name="Fact">The fact.</param>
internal sealed record UserFact(string Entry, Fact Fact)
{
    public static JsonElement ToJson(string entry, Fact fact) => JsonSerializer.SerializeToElement(new UserFact(entry, fact), UserFactJson.Default.UserFact);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UserFact))]
internal sealed partial class UserFactJson : JsonSerializerContext;
