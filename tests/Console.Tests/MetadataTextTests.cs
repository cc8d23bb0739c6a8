using System.Text.Json.Nodes;
using PluginHost.WebConsole.Text;

namespace PluginHost.WebConsole.Tests;

/// <summary>Metadata as text that is edited.</summary>
public sealed class MetadataTextTests
{
    [Theory]
    [InlineData("user", "ada")]
    [InlineData("a:b", "c")]
    [InlineData("note", "one\nrole: admin")]
    [InlineData("note", " blank ")]
    [InlineData("{x", "y: z")]
    public void Metadata_that_is_not_edited_stays_the_same(string key, string value)
    {
        var metadata = new Dictionary<string, string> { [key] = value };
        Assert.True(JsonNode.DeepEquals(MetadataText.ToJson(metadata), MetadataText.Parse(MetadataText.Write(metadata))));
    }
}
