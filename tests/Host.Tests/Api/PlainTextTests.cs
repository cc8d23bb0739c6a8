using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

/// <summary>Answers have text without escapes.</summary>
public sealed class PlainTextTests
{
    [Fact]
    public async Task Text_of_any_language_is_not_escaped_streamed_or_not()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("Grüße, 'd <日本>"));

        var answer = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""")).Content.ReadAsStringAsync();
        var stream = await (await host.PostAsync("/v1/sessions/s2/runs", """{"input":"hi","stream":true}""")).Content.ReadAsStringAsync();

        Assert.Contains("\"text\":\"Grüße, 'd <日本>\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"text\":\"Grüße, 'd <日本>\"", stream, StringComparison.Ordinal);
    }
}
