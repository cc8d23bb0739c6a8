using PluginHost.Tests.Api;

namespace PluginHost.Tests.OpenAI;

public sealed class ModelTests
{
    [Fact]
    public async Task The_agents_are_the_models()
    {
        await using var host = await ApiHost.StartAsync();

        var list = await (await host.Http.GetAsync("/v1/models")).JsonAsync();
        var one = await (await host.Http.GetAsync("/v1/models/assistant")).JsonAsync();

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal("assistant", list.GetProperty("data").EnumerateArray().Single().GetProperty("id").GetString());
        Assert.Equal("""{"id":"assistant","object":"model","created":0,"owned_by":"pluginhost"}""", one.GetRawText());
    }
}
