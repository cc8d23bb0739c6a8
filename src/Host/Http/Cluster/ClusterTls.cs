using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Listening;

namespace PluginHost.Http.Cluster;

/// <summary>
/// TLS between hosts, in which each side shows a certificate of the same authorities with the same name. The files are read again each minute, so that
/// certificates can be renewed. Thread-safe.
/// </summary>
internal sealed class ClusterTls(ClusterTlsConfiguration settings, TimeProvider time, ILogger<ClusterTls> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1"), ClientUse = new("1.3.6.1.5.5.7.3.2");

    private readonly Lock _lock = new();
    private HostCertificates? _certificates;
    private string? _error;
    private long _readAt;
    private long _loggedAt;

    /// <summary>Listens for other hosts. After the addresses of the API, which the server lists first.</summary>
    public static void Add(IServiceCollection services, ClusterTlsConfiguration settings)
    {
        services.AddSingleton(s => new ClusterTls(settings, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ClusterTls>>()));
        services.AddOptions<KestrelServerOptions>().Configure<ConnectionLimits, ClusterTls>((kestrel, connections, tls) =>
            ApiHosting.Listen(kestrel, ListenAddress.TryParseTls(settings.Listen)!, listen =>
            {
                connections.Apply(listen);
                // A connection counts as in use for one request at a time.
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(tls.ForServer());
            }));
    }

    /// <summary>What the host shows and accepts when it connects to another one.</summary>
    public SslClientAuthenticationOptions ForClient() => new()
    {
        LocalCertificateSelectionCallback = (_, _, _, _, _) => Read().Own,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsHost(certificate, chain, ServerUse),
    };

    private HttpsConnectionAdapterOptions ForServer() => new()
    {
        ServerCertificateSelector = (_, _) => Read().Own,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        ClientCertificateValidation = (certificate, chain, _) => IsHost(certificate, chain, ClientUse),
    };

    /// <summary>The certificates. Keeps the last good ones while the files are wrong.</summary>
    private HostCertificates Read()
    {
        lock (_lock)
        {
            if (_certificates is null || time.GetElapsedTime(_readAt) > Pause)
            {
                _readAt = time.GetTimestamp();
                var (found, error) = HostCertificates.Read(settings, _certificates);
                if (error is not null && error != _error) Log.CertificatesNotRead(logger, error);
                (_certificates, _error) = (found ?? _certificates, error);
            }

            return _certificates ?? throw new AuthenticationException(_error);
        }
    }

    private bool IsHost(X509Certificate? certificate, X509Chain? sent, Oid use)
    {
        if (certificate is not X509Certificate2 given) return false;
        var authorities = Read().Authorities;
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        policy.ExtraStore.AddRange(authorities);
        if (sent is not null) policy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(use);
        var why = !chain.Build(given) ? $"it is not valid, or not of an authority in AuthoritiesFile ({string.Join(", ", chain.ChainStatus.Select(static s => s.Status))})"
            : !given.MatchesHostname(settings.CertificateName) ? $"it does not have the name '{settings.CertificateName}'"
            : null;
        if (why is not null) LogRefusal(why);
        return why is null;
    }

    /// <summary>At most once a minute: anything that reaches the port can cause it.</summary>
    private void LogRefusal(string why)
    {
        lock (_lock)
        {
            if (_loggedAt != 0 && time.GetElapsedTime(_loggedAt) < Pause) return;
            _loggedAt = time.GetTimestamp();
        }

        Log.CertificateRefused(logger, why);
    }
}
