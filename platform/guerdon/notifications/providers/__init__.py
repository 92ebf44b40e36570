"""How messages leave: mail by SMTP, SMS by Amazon SNS."""
