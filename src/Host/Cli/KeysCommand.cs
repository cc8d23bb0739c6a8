using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using PluginHost.Engine.Configuration.Access;

namespace PluginHost.Cli;

/// <summary><c>pluginhost keys new</c>: makes a random API key and the line for the key file. Nothing is stored.</summary>
internal static class KeysCommand
{
    private const string Prefix = "phk_";

    public static Command Create()
    {
        var tenant = new Option<string>("--tenant") { Description = $"Whose key it is: {TenantIds.Allowed}.", DefaultValueFactory = _ => TenantIds.Default };
        var admin = new Option<bool>("--admin") { Description = "The key also opens the admin endpoints." };
        tenant.Validators.Add(result =>
        {
            if (!TenantIds.IsValid(result.GetValueOrDefault<string>())) result.AddError($"--tenant is {TenantIds.Allowed}.");
        });

        var make = new Command("new", "Make a key, and print it with its line for the key file (Server:KeyFile). It is shown this once.") { tenant, admin };
        make.SetAction(parsed =>
        {
            var key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"key:  {key}");
            output.WriteLine($"line: {KeyFile.LineOf(ApiKey.Of(key, parsed.GetValue(tenant)!, parsed.GetValue(admin)))}");
        });
        return new Command("keys", "Make API keys.") { make };
    }
}
