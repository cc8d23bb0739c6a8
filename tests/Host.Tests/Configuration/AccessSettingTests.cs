using System.Runtime.Versioning;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Configuration;

public sealed class AccessSettingTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private static string Json(string server) => $$"""{ "Agents": { "a": {} }, "Server": {{server}} }""";

    [Fact]
    public void A_key_file_holds_hashes_of_keys_by_tenant()
    {
        var admin = ApiKey.Create("phk_a", "acme", isAdmin: true);
        var user = ApiKey.Create("phk_b", "globex", isAdmin: false);
        _fixture.Write("keys", $"# keys\n\n{KeyFile.ToLine(admin)}\r\n\t{KeyFile.ToLine(user).ToUpperInvariant().Replace("GLOBEX", "globex").Replace("SHA256", "sha256")} # old\n");

        var server = _fixture.Read(Json("""{ "KeyFile": "keys", "Listen": [ "http://*:5080" ] }""")).Server;

        Assert.Equal([admin, user], server.FileKeys);
        Assert.Equal(Path.Combine(_fixture.Folder, "keys"), server.KeyFile);
    }

    [Theory]
    [InlineData("acme phk_secret", "line 1): The second word is not the SHA-256 of a key")]
    [InlineData("phk_secret", "line 1): The second word is not the SHA-256")]
    [InlineData("phk/secret sha256:0", "line 1): The first word is not a tenant")]
    [InlineData("# one\n\nacme sha256:{0} phk_secret", "line 3): After the hash there is something else than 'admin'.")]
    [InlineData("acme sha256:{0}\nother sha256:{0}", "line 2): Duplicate key.")]
    [InlineData("", "holds no key")]
    public void An_error_in_a_key_file_names_the_line_and_not_its_text(string text, string message)
    {
        _fixture.Write("keys", text.Replace("{0}", new string('a', 64), StringComparison.Ordinal));

        var error = Assert.Single(_fixture.Errors(Json("""{ "KeyFile": "keys" }""")));

        Assert.StartsWith("Server:KeyFile", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("""{ "ApiKeys": [ { "File": "secret" } ] }""", "Server:ApiKeys:0", UnixFileMode.OtherRead)]
    [InlineData("""{ "KeyFile": "hashes" }""", "Server:KeyFile", UnixFileMode.OtherWrite)]
    [UnsupportedOSPlatform("windows")]
    public void A_file_of_keys_that_every_user_can_read_or_change_is_warned_about(string server, string path, UnixFileMode right)
    {
        string[] files = [_fixture.Write("secret", "phk_a"), _fixture.Write("hashes", KeyFile.ToLine(ApiKey.Create("phk_b", "acme", isAdmin: false)))];
        foreach (var file in files) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Empty(_fixture.Load(Json(server)).Warnings);

        foreach (var file in files) File.SetUnixFileMode(file, File.GetUnixFileMode(file) | right);
        var loaded = _fixture.Load(Json(server));

        Assert.Empty(loaded.Errors);
        var warning = Assert.Single(loaded.Warnings);
        Assert.Equal(path, warning.Path);
        Assert.Contains("chmod", warning.Cure, StringComparison.Ordinal);
        Assert.DoesNotContain("phk_", warning.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_of_keys_name_their_tenant_and_right()
    {
        _fixture.Environment["ACME"] = "one";
        _fixture.Environment["PLUGINHOST_ADMIN_KEY"] = "two";

        var server = _fixture.Read(Json("""{ "ApiKeys": [ { "Environment": "ACME", "Tenant": "acme", "Admin": true } ] }""")).Server;

        Assert.Equal([ApiKey.Create("one", "acme", true), ApiKey.Create("two", "default", true)], server.Keys);
    }

    [Fact]
    public void A_key_for_two_tenants_is_an_error_that_does_not_show_it()
    {
        _fixture.Environment["K"] = "s3cret";
        var error = Assert.Single(_fixture.Errors(Json("""{ "ApiKeys": [ { "Environment": "K" }, { "Environment": "K", "Tenant": "acme" } ] }""")));
        Assert.StartsWith("Server:ApiKeys:1: The key is given twice", error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "ApiKeys": [ { "Environment": "PATHX", "Tenant": "../x" } ] }""", "Server:ApiKeys:0:Tenant: \"../x\" is not a tenant.")]
    [InlineData("""{ "Jwt": { "KeysFile": "keys.pem", "Issuer": "i" } }""", "Server:Jwt:Audience: 'Audience' must be given.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "KeysFile": "keys.pem" } }""", "Server:Jwt:Issuer: 'Issuer' must be given with KeysFile.")]
    [InlineData("""{ "Jwt": { "Audience": "a" } }""", "Server:Jwt:Authority: The signing keys come either from Authority or from KeysFile.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "KeysFile": "keys.pem", "Issuer": "i" } }""", "Server:Jwt:Authority: The signing keys come either")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "http://issuer.example" } }""", "Server:Jwt:Authority: 'http://issuer.example' is not an address")]
    [InlineData("""{ "Jwt": { "Audience": "a", "KeysFile": "none.pem", "Issuer": "i" } }""", "Server:Jwt:KeysFile: The file of keys cannot be read")]
    [InlineData("""{ "Jwt": { "Audience": "a", "KeysFile": "bad.pem", "Issuer": "i" } }""", "Server:Jwt:KeysFile: The file holds no key for signatures.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "Algorithms": [ "HS256" ] } }""", "Server:Jwt:Algorithms:0: \"HS256\" is not allowed. Allowed: RS256 or RS384 or")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "Algorithms": [] } }""", "Server:Jwt:Algorithms: [] is not allowed. Allowed: at least 1 elements.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "AdminClaim": "role" } }""", "Server:Jwt:AdminClaim: AdminClaim and AdminValue belong together.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "ClockSkew": "1h" } }""", "Server:Jwt:ClockSkew: \"1h\" is out of range.")]
    [InlineData("""{ "Jwt": { "Audience": "a", "Authority": "https://i", "Secret": "x" } }""", "Server:Jwt:Secret: 'Secret' is not known.")]
    [InlineData("""{ "AllowedHosts": [ "http://x" ] }""", "Server:AllowedHosts:0: 'http://x' is not a host name.")]
    [InlineData("""{ "AllowedHosts": [ "*.lan" ] }""", "Server:AllowedHosts:0: '*.lan' is not a host name.")]
    [InlineData("""{ "RequestsPerSecond": 0 }""", "Server:RequestsPerSecond: 0 is out of range.")]
    [InlineData("""{ "HeaderTimeout": "0s" }""", "Server:HeaderTimeout: \"0s\" is out of range.")]
    public void A_wrong_setting_is_reported_with_its_path(string server, string message)
    {
        _fixture.Environment["PATHX"] = "k";
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        _fixture.Write("keys.pem", rsa.ExportSubjectPublicKeyInfoPem());
        _fixture.Write("bad.pem", "hello");

        Assert.Contains(message, Assert.Single(_fixture.Errors(Json(server))), StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_are_read()
    {
        var jwt = _fixture.Read(Json("""
            { "Jwt": { "Audience": "a", "Authority": "https://issuer.example/x", "Issuer": "i", "TenantClaim": "org", "AdminClaim": "scope",
                       "AdminValue": "admin", "Algorithms": [ "ES256" ], "ClockSkew": "5s" }, "Listen": [ "http://*:5080" ] }
            """)).Server.Jwt!;

        Assert.Equal(("a", "https://issuer.example/x", "i", "org"), (jwt.Audience, jwt.Authority, jwt.Issuer, jwt.TenantClaim));
        Assert.Equal(("scope", "admin", TimeSpan.FromSeconds(5)), (jwt.AdminClaim, jwt.AdminValue, jwt.ClockSkew));
        Assert.Equal(["ES256"], jwt.Algorithms);
    }
}
