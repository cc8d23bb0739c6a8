using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

public sealed class TokenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokens _tokens = new();

    public void Dispose()
    {
        _tokens.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_opens_its_tenants_sessions_whether_its_key_is_PEM_or_a_key_set(bool set)
    {
        await using var host = await StartAsync(keys: set ? _tokens.KeySet : _tokens.Pem);
        var acme = _tokens.Make();
        Assert.Equal(HttpStatusCode.Created, (await host.PostAsync("/v1/sessions", acme, """{"id":"s"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/sessions/s", acme)).StatusCode);
        await (await host.GetAsync("/v1/sessions/s", _tokens.Make(tenant: "globex"))).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task Keys_are_accepted_besides_tokens()
    {
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "a.key.too")).StatusCode);
        await (await host.GetAsync("/v1/agents", "another.key.too")).ProblemAsync(401, "unauthorized");
        await (await host.GetAsync("/v1/agents", null)).ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task A_token_with_any_wrong_part_is_refused()
    {
        await using var host = await StartAsync();
        using var stranger = new Tokens();
        var good = _tokens.Make();
        var publicKey = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(_tokens.Pem)), SecurityAlgorithms.HmacSha256);
        string[] wrong =
        [
            stranger.Make(),
            _tokens.Make(issuer: "https://other.test"),
            _tokens.Make(audience: "other"),
            _tokens.Make(expires: TimeSpan.FromMinutes(-2)),
            _tokens.Make(notBefore: TimeSpan.FromMinutes(2), expires: TimeSpan.FromMinutes(9)),
            _tokens.Make(algorithm: SecurityAlgorithms.RsaSha512),
            _tokens.Make(with: publicKey),
            _tokens.MakeUnsigned(),
            good[..^4] + "AAAA",
            good.Split('.')[0] + "." + _tokens.Make(tenant: "globex").Split('.')[1] + "." + good.Split('.')[2],
            "..", "a.b.c", good + ".x",
        ];
        foreach (var token in wrong)
        {
            var problem = await (await host.GetAsync("/v1/agents", token)).ProblemAsync(401, "unauthorized");
            Assert.DoesNotContain(token.Length > 20 ? token[..20] : "IDX", problem.GetRawText());
        }

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", good)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", _tokens.Make(expires: TimeSpan.FromSeconds(-20)))).StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("../acme")]
    [InlineData("acme/x")]
    [InlineData("ac me")]
    [InlineData("\u0430cme")]
    public async Task A_good_token_without_a_valid_tenant_is_forbidden(string? tenant)
    {
        await using var host = await StartAsync();
        await (await host.GetAsync("/v1/agents", _tokens.Make(tenant: tenant))).ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Two_tenants_in_one_token_are_none()
    {
        await using var host = await StartAsync();
        var token = _tokens.Make(tenant: null, claim: ("tenant", new[] { "acme", "globex" }));
        await (await host.GetAsync("/v1/agents", token)).ProblemAsync(403, "forbidden");
    }

    [Theory]
    [InlineData("role", "host-admin", HttpStatusCode.OK)]
    [InlineData("role", "not host-admin", HttpStatusCode.Forbidden)]
    [InlineData("role", "Host-Admin", HttpStatusCode.Forbidden)]
    [InlineData("roles", "host-admin", HttpStatusCode.Forbidden)]
    public async Task Only_the_configured_claim_makes_an_admin(string claim, string value, HttpStatusCode expected)
    {
        await using var host = await StartAsync(j => j with { AdminClaim = "role", AdminValue = "host-admin" });
        Assert.Equal(expected, (await host.GetAsync("/v1/plugins", _tokens.Make(claim: (claim, value)))).StatusCode);
    }

    [Fact]
    public async Task A_role_in_a_list_and_a_scope_among_scopes_make_an_admin()
    {
        await using var roles = await StartAsync(j => j with { AdminClaim = "role", AdminValue = "host-admin" });
        Assert.Equal(HttpStatusCode.OK, (await roles.GetAsync("/v1/plugins", _tokens.Make(claim: ("role", new[] { "user", "host-admin" })))).StatusCode);
        await using var scopes = await StartAsync(j => j with { AdminClaim = "scope", AdminValue = "host:admin" });
        Assert.Equal(HttpStatusCode.OK, (await scopes.GetAsync("/v1/plugins", _tokens.Make(claim: ("scope", "openid host:admin")))).StatusCode);
    }

    [Fact]
    public async Task Without_an_admin_claim_no_token_makes_an_admin()
    {
        await using var host = await StartAsync();
        await (await host.GetAsync("/v1/plugins", _tokens.Make(claim: ("role", "admin")))).ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Keys_of_an_authority_are_fetched_from_it()
    {
        await using var authority = await StartAuthorityAsync();
        var jwt = new JwtConfiguration { Audience = Tokens.Audience, Authority = authority.Urls.First() };
        await using var host = await ApiHost.StartAsync(Server(jwt));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", _tokens.Make(issuer: authority.Urls.First()))).StatusCode);
        await (await host.GetAsync("/v1/agents", _tokens.Make())).ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Tokens_of_an_authority_that_does_not_answer_are_refused()
    {
        // No process listens on port 9 (discard) here.
        var jwt = new JwtConfiguration { Audience = Tokens.Audience, Authority = "http://127.0.0.1:9" };
        await using var host = await ApiHost.StartAsync(Server(jwt));
        var answer = await host.GetAsync("/v1/agents", _tokens.Make());
        Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "a.key.too")).StatusCode);
    }

    [Fact]
    public void A_file_of_keys_holds_public_keys_only()
    {
        using var weak = RSA.Create(1024);
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Null(SigningKeys.Parse(ec.ExportSubjectPublicKeyInfoPem() + "\n" + rsa.ExportRSAPublicKeyPem()).Error);
        Assert.Equal(2, SigningKeys.Parse(ec.ExportSubjectPublicKeyInfoPem() + "\n" + rsa.ExportRSAPublicKeyPem()).Keys.Count);
        Assert.Contains("private", SigningKeys.Parse(rsa.ExportPkcs8PrivateKeyPem()).Error);
        Assert.Contains("2048", SigningKeys.Parse(weak.ExportSubjectPublicKeyInfoPem()).Error);
        Assert.Contains("secret", SigningKeys.Parse("""{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}""").Error);
        Assert.NotNull(SigningKeys.Parse("{}").Error);
        Assert.NotNull(SigningKeys.Parse("{").Error);
        Assert.NotNull(SigningKeys.Parse("").Error);
        Assert.NotNull(SigningKeys.Parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").Error);
    }

    private Task<ApiHost> StartAsync(Func<JwtConfiguration, JwtConfiguration>? change = null, string? keys = null)
    {
        var jwt = new JwtConfiguration { Audience = Tokens.Audience, Issuer = Tokens.Issuer, KeysFile = _folder.Write("keys.txt", keys ?? _tokens.Pem) };
        return ApiHost.StartAsync(Server(change?.Invoke(jwt) ?? jwt));
    }

    private static ServerConfiguration Server(JwtConfiguration jwt) => new() { Listen = ["http://127.0.0.1:0"], Keys = ["a.key.too"], Jwt = jwt };

    private async Task<WebApplication> StartAuthorityAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpContext context) => context.Response.WriteAsync(
            $$"""{"issuer":"{{app.Urls.First()}}","jwks_uri":"{{app.Urls.First()}}/keys"}"""));
        app.MapGet("/keys", (HttpContext context) => context.Response.WriteAsync(_tokens.KeySet));
        await app.StartAsync();
        return app;
    }
}
