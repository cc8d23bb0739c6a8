using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Cli;

/// <summary><c>pluginhost keys new</c>: creates a random API key and its line for the key file. Stores nothing.</summary>
internal static class KeysCommand
{
    private const string Prefix = "phk_";

    public static Command Create()
    {
        var tenant = new Option<string>("--tenant") { Description = $"The tenant of the key: {TenantIds.Allowed}.", DefaultValueFactory = _ => TenantIds.Default };
        var admin = new Option<bool>("--admin") { Description = "Also allow the admin endpoints." };
        tenant.Validators.Add(result =>
        {
            if (!TenantIds.IsValid(result.GetValueOrDefault<string>())) result.AddError($"--tenant must be {TenantIds.Allowed}.");
        });

        var create = new Command("new", "Create a key. Prints the key, which is not stored, and its line for the key file (Server:KeyFile).") { tenant, admin };
        create.SetAction(parsed =>
        {
            var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"key:  {key}");
            output.WriteLine($"line: {KeyFile.ToLine(ApiKey.Create(key, parsed.GetValue(tenant)!, parsed.GetValue(admin)))}");
        });
        return new Command("keys", "Create API keys.") { create };
    }
}
