using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.ModelClients;

namespace PluginHost.Tests.Models;

public sealed class BuiltInChatClientsTests
{
    [Fact]
    public void Each_name_has_options_that_need_nothing_but_a_key_and_make_its_client()
    {
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System, _ => "key");

        var providers = BuiltInChatClients.OptionTypes.ToDictionary(t => t.Key, t =>
        {
            var defaults = t.Value.GetConstructors().Single(c => c.GetParameters().Length > 1 || c.GetParameters()[0].HasDefaultValue)
                .GetParameters().Select(p => p.DefaultValue).ToArray();
            using var client = clients.Create(null, Activator.CreateInstance(t.Value, defaults)!);
            return client.GetService<ChatClientMetadata>()!.ProviderName;
        });

        Assert.Equal(new() { ["echo"] = "echo", ["openai"] = "openai" }, providers);
    }
}
